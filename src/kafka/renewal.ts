/** At least so long before the end, in ms. */
const EARLY = 300_000
/** A broker takes no second authentication on a connection within one second. */
const SHORTEST = 1100

/**
 * After how many ms something that lives for so many ms (a token, an authenticated session) is renewed: at 80 % of its
 * life, or 5 minutes before its end where that is later.
 */
export function renewAfter(life: number): number {
  return Math.max(life * 0.8, life - EARLY, Math.min(life, SHORTEST))
}
