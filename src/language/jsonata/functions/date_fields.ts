/** The fields of a moment, in UTC, by the letters of date and time pictures. Pure: a moment is a number of milliseconds. */

/** Names of days, Monday being 1. */
export const dayNames = ["", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/** Names of months, from January. */
export const monthNames = (
  "January February March April May June July August September October November December"
).split(" ");

const DAY_MS = 86_400_000;
const WEEK_MS = 7 * DAY_MS;

/** The start of a month's day 1; months before 0 and after 11 are those of other years. */
function monthStart(year: number, month: number): number {
  return Date.UTC(year, month);
}

/** The Monday of the week that holds the month's first Thursday: the first week of a month, or of a year for January. */
function firstWeekStart(year: number, month: number): number {
  const start = monthStart(year, month);
  const day = new Date(start).getUTCDay() || 7;
  return day > 4 ? start + (8 - day) * DAY_MS : start - (day - 1) * DAY_MS;
}

/** The week that `today` is in, counted from the first of the year (`span` 12 months) or the month (1). */
function weekNumber(today: number, year: number, month: number, span: 1 | 12): number {
  const weekAt = (start: number) => (today - start) / WEEK_MS + 1;
  const week = weekAt(firstWeekStart(year, month));
  if (week < 1) return Math.floor(weekAt(firstWeekStart(year, month - span)));
  if (week > (span === 12 ? 52 : 4) && today >= firstWeekStart(year, month + span)) return 1;
  return Math.floor(week);
}

/** The month, counted from 0 on through years, whose weeks the moment belongs to. */
function weekMonth(moment: number, year: number, month: number, span: 1 | 12): number {
  if (moment < firstWeekStart(year, month)) return month - span;
  return moment >= firstWeekStart(year, month + span) ? month + span : month;
}

/** The value of one field: a number, or text for `P`, `C` and `E`; nothing for the letters that name none. */
export function dateField(moment: number, letter: string): number | string | undefined {
  const date = new Date(moment);
  const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()];
  const today = Date.UTC(year, month, day);
  switch (letter) {
    case "Y":
      return year;
    case "M":
      return month + 1;
    case "D":
      return day;
    case "d":
      return (today - monthStart(year, 0)) / DAY_MS + 1;
    case "F":
      return date.getUTCDay() || 7;
    case "W":
      return weekNumber(today, year, 0, 12);
    case "w":
      return weekNumber(today, year, month, 1);
    case "X":
      return year + weekMonth(moment, year, 0, 12) / 12;
    case "x":
      return (weekMonth(moment, year, month, 1) + 12) % 12 + 1;
    default:
      return timeField(date, letter);
  }
}

function timeField(date: Date, letter: string): number | string | undefined {
  const hours = date.getUTCHours();
  switch (letter) {
    case "H":
      return hours;
    case "h":
      return hours % 12 || 12;
    case "P":
      return hours >= 12 ? "pm" : "am";
    case "m":
      return date.getUTCMinutes();
    case "s":
      return date.getUTCSeconds();
    case "f":
      return date.getUTCMilliseconds();
    case "C":
    case "E":
      return "ISO";
    default:
      return undefined;
  }
}
