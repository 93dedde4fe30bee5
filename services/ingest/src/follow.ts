import type { Leader } from '@slipstream/proto';

export type Owner = { readonly leaderId: string; readonly followedAtMs: number };

/** Whose wallets we watch; kept from the bucket `leaders`. A disabled leader is watched, too: the decider skips him. */
export type Followed = {
  readonly ownerOf: (wallet: string) => Owner | undefined;
  readonly wallets: () => readonly string[];
  readonly onLeader: (leaderId: string, leader: Leader | null) => void;
};

/** `onWallet` is told of each wallet when it is first followed. */
export function openFollowed(onWallet: (wallet: string) => void): Followed {
  const owners = new Map<string, Owner>();
  const byLeader = new Map<string, readonly string[]>();
  return {
    ownerOf: (wallet) => owners.get(wallet),
    wallets: () => [...owners.keys()],
    onLeader: (leaderId, leader) => {
      const wallets = leader?.wallets ?? [];
      for (const wallet of byLeader.get(leaderId) ?? []) if (!wallets.includes(wallet)) owners.delete(wallet);
      byLeader.set(leaderId, wallets);
      if (leader === null) return;
      for (const wallet of wallets) {
        const isNew = !owners.has(wallet);
        const since = leader.walletsAddedAt[wallet] ?? leader.followedAt;
        owners.set(wallet, { leaderId, followedAtMs: Date.parse(since) });
        if (isNew) onWallet(wallet);
      }
    },
  };
}
