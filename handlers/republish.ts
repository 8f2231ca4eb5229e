import type { Handler } from '../src/index.ts'

/** Publishes the alert as it came: bytes, key and headers. */
const republish: Handler = (alert) => alert

export default republish
