export { isAlive, placement, ranked } from "./placement.ts";
export {
  Cluster,
  ClusterUnavailable,
  type ClusterView,
  type Confirmation,
  type Member,
  type MemberId,
} from "./port.ts";
export { soleMember } from "./sole_member.ts";
