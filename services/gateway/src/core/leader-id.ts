/** 48 bits of the wallet are enough to tell leaders apart by eye; vanity addresses make them too few to rely on. */
const HEX_CHARACTERS = 12;

const digits = (wallet: string): string => wallet.slice('0x'.length);

/** The id of a leader is named for his first wallet, so that following him again anywhere gives the same id. */
export const leaderIdOf = (wallet: string): string => `ld_${digits(wallet).slice(0, HEX_CHARACTERS)}`;

/** The id where another leader's wallet begins with the same digits. */
export const wholeLeaderIdOf = (wallet: string): string => `ld_${digits(wallet)}`;

/** What a leader is called until a person names him: `0x1234…cdef`. */
export const shortLabelOf = (wallet: string): string => `${wallet.slice(0, 6)}…${wallet.slice(-4)}`;
