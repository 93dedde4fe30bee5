/** Who asks: what a change is signed with in the log of changes. */
export type Caller = { readonly author: string };
