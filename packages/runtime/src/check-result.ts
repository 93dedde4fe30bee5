export type CheckDetail = string | Readonly<Record<string, string | number | boolean | null>>;
export type CheckResult = { readonly ok: boolean; readonly detail?: CheckDetail };
