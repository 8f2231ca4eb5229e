/** What one run of one codec came to. */
export interface Summary {
  codec: string
  decodes: number
  refused: number
  /** Decodes of damaged messages; the others were of bombs. */
  mutations: number
  /** Of these, what was not refused because of its header. */
  pastHeader: number
  slowestMs: number
  slowest: string
  /** Above the baseline: heapUsed and external. */
  mostMb: number
  largest: string
  problems: string[]
  /** How often for each reason, numbers left out. */
  reasons: Record<string, number>
}

/** Processor time of one decode. */
export const MOST_MS = 1000
export const MOST_MB = 64
/** The least part of the damaged messages that must get past the header. */
export const LEAST_PAST = 0.3
