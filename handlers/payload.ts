import type { Handler } from '../src/index.ts'

/** Publishes the decoded payload, which goes out as JSON; key and headers stay. */
const payload: Handler = (alert) => ({ key: alert.key, headers: alert.headers, value: alert.payload() })

export default payload
