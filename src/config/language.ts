/** `de_DE.UTF-8` is "de-DE"; "C", "POSIX" and what nobody knows are "en". */
export function language(lang = ""): string {
  const tag = /^[a-z]{2,3}(?:_[A-Z]{2})?(?=[.@]|$)/.exec(lang)?.[0].replace("_", "-");
  return tag ?? "en";
}
