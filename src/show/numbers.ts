import { galactic } from './sky.ts'
import type { Page } from './page.ts'

/** What a program reads of a page: the object and its light curve. Ids are text. */
export function numbersOf({ survey, title, id, position, at, curve }: Page): Readonly<Record<string, unknown>> {
  return {
    survey,
    name: title,
    id,
    ra: position?.ra ?? null,
    dec: position?.dec ?? null,
    galactic: position && galactic(position),
    observed: at?.toISOString() ?? null,
    light_curve: curve
  }
}
