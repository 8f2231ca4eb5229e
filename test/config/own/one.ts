import type { Handler } from '../../../src/contract/handler.ts'

const only: Handler = (alert) => alert
export default only
export const also: Handler = () => null
