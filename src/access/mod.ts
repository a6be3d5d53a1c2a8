export { type AccessKey, type AccessKeyRequest, AccessKeys } from "./access_keys.ts";
export { type Authenticated, Authenticator, type NotAuthenticated, type PresentedRequest } from "./authenticate.ts";
export { anonymous, authorize, type Caller, type Denial } from "./authorize.ts";
export {
  natsConfiguration,
  type NatsPermissions,
  natsPermissions,
  type NatsUser,
  natsUserName,
} from "./nats_permissions.ts";
export { type Action, actions, allowed, isRole, type Role, roleAllows, roles } from "./roles.ts";
export { RootKey } from "./root_key.ts";
export { awsActions, consoleActions, natsActions, schedulerActions } from "./surface_actions.ts";
