import "i18next";
import type Resources from "./resources.gen.d.ts";

// Makes an unknown key, a missing variable and a misspelt variable compile errors.
declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: "card";
    resources: Resources;
  }
}
