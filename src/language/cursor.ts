/** A position in a text, for the hand-written parsers of paths and intrinsic functions. */
export class Cursor {
  readonly text: string;
  at: number;

  constructor(text: string, at = 0) {
    this.text = text;
    this.at = at;
  }

  /** The character at the position, `""` at the end. */
  peek(ahead = 0): string {
    return this.text.charAt(this.at + ahead);
  }

  done(): boolean {
    return this.at >= this.text.length;
  }

  /** Moves behind `token` when the text goes on with it. */
  take(token: string): boolean {
    if (!this.text.startsWith(token, this.at)) return false;
    this.at += token.length;
    return true;
  }

  skipBlanks(): void {
    while (!this.done() && /\s/.test(this.peek())) this.at++;
  }

  /** The longest run of characters from the position that `accepts`; may be empty. */
  takeWhile(accepts: (character: string) => boolean): string {
    const start = this.at;
    while (!this.done() && accepts(this.peek())) this.at++;
    return this.text.slice(start, this.at);
  }

  /** A number as JSON writes it, or `undefined` with the position unmoved: there is none, or one out of range. */
  takeNumber(): number | undefined {
    const pattern = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
    pattern.lastIndex = this.at;
    const match = pattern.exec(this.text);
    if (match === null) return undefined;
    const number = Number(match[0]);
    if (!Number.isFinite(number)) return undefined;
    this.at += match[0].length;
    return number;
  }
}

/** Why a text is not a path or an intrinsic function; thrown inside the parsers only and turned into a finding at their doors. */
export class SyntaxFailure extends Error {}
