import { expect, test } from "vitest";
import { page } from "../../src/forge/page.ts";

const to = (web: string) =>
  page({ web, path: "acme/shop" }, { from: { web, path: "acme/shop" }, branch: "oca/fix-k3", base: "main" });

test.each([
  [
    "https://gitlab.example.org",
    "/acme/shop/-/merge_requests/new?merge_request[source_branch]=oca%2Ffix-k3&merge_request[target_branch]=main",
  ],
  ["https://bitbucket.org", "/acme/shop/pull-requests/new?source=oca%2Ffix-k3&dest=main"],
  ["https://codeberg.org", "/acme/shop/compare/main...oca/fix-k3"],
  ["https://git.example.org", "/acme/shop"],
])("%s opens a request at %s", (web, path) => expect(to(web)).toBe(`${web}${path}`));
