import type { Handler } from '../../../src/contract/handler.ts'

export const brighten: Handler = (alert) => alert
export const darken: Handler = () => null
export const LIMIT = 19
