import type { AwsScope } from "../../../aws/mod.ts";
import { isSegment } from "../../../values/mod.ts";

/**
 * The account and region that a request's signature speaks of.
 *
 * `Authorization: AWS4-HMAC-SHA256 Credential=111111111111/20260101/us-east-1/states/aws4_request, …`: an access key of twelve digits is
 * an account of its own; any other stands for the account of the settings. Unsigned requests are of the settings altogether.
 */
export function credentialScope(authorization: string | undefined, settings: AwsScope): AwsScope {
  const credential = /Credential=([^/,\s]{1,128})\/\d{8}\/([^/,\s]{1,64})\/[^/,\s]+\/aws4_request/.exec(
    authorization ?? "",
  );
  const [, key = "", region = ""] = credential ?? [];
  return {
    account: /^\d{12}$/.test(key) ? key : settings.account,
    region: isSegment(region) ? region : settings.region,
  };
}
