export { isAlive, placement, ranked, standbys } from "./placement.ts";
export {
  Cluster,
  ClusterUnavailable,
  type ClusterView,
  type Confirmation,
  type Member,
  type MemberId,
} from "./port.ts";
export { soleMember } from "./sole_member.ts";
