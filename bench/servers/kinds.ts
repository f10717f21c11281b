/**
 * - ours: what `npm run serve` serves
 * - floor: the bare hubs of bench/floor
 * - metered: ours, with counters between it and the platform
 * - uncoalesced: ours, sending every entry by itself
 */
export type ServerKind = 'ours' | 'floor' | 'metered' | 'uncoalesced'
