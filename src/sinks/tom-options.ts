import { AlertStreamsError } from '../contract/errors.ts'
import { duration, flag, number, type OptionsOf, text } from '../contract/options.ts'
import { serviceUrl } from './service-url.ts'

export const tomFields = {
  URL: serviceUrl('api')('the address of the TOM, as https://tom.example.org/', {
    required: true,
    aliases: ['BASE_URL']
  }),
  USERNAME: text('of a user of the TOM who may see and change its targets'),
  PASSWORD: text('of that user', { secret: true }),
  TOKEN: text("the API token of that user's profile, instead of USERNAME and PASSWORD", { secret: true }),
  CREATE_TARGETS: flag('make targets that the TOM does not have; else what is of unknown objects is left out', {
    fallback: false
  }),
  RADIUS: number('arcseconds within which a target is the same object, where no name matches; 0: names only', {
    fallback: 2
  }),
  TARGET_LIST: text('the name of a list that targets made here are put on; it is made where it is missing'),
  SOURCE_NAME: text("the source of the data in the TOM; left out: the row's own, else the name of the stream"),
  HISTORY: flag('earlier measurements that an alert carries are written, too', { fallback: false }),
  KEY: text('a CEL expression: the key, where neither handler nor route gives one; a TOM has no place for it'),
  RATE: number('requests a second at most; left out: as fast as the TOM answers'),
  TIMEOUT: duration('for one request to the TOM', { fallback: 30 })
}

export type TomSinkOptions = OptionsOf<typeof tomFields>

/** Throws `CONFIG_INVALID` for options that do not go together. */
export function checkOptions({ USERNAME, PASSWORD, TOKEN, RADIUS, RATE }: TomSinkOptions): void {
  const wrong = (problem: string, remedy: string) => new AlertStreamsError('CONFIG_INVALID', problem, { remedy })
  if (TOKEN !== undefined && USERNAME !== undefined)
    throw wrong('TOKEN and USERNAME: one of them says who we are', 'Leave one of the two out.')
  if (TOKEN === undefined && USERNAME === undefined)
    throw wrong('USERNAME is missing', 'Set USERNAME and PASSWORD of a user of the TOM, or TOKEN.')
  if (USERNAME !== undefined && PASSWORD === undefined)
    throw wrong(`USERNAME is ${USERNAME}, and there is no PASSWORD`, 'Set PASSWORD or PASSWORD_FILE.')
  if (RATE !== undefined && RATE <= 0) throw wrong(`RATE is ${RATE}`, 'Set requests a second, as 0.5.')
  if (RADIUS < 0 || RADIUS > 3600)
    throw wrong(`RADIUS is ${RADIUS}`, 'Set arcseconds from 0 (names only) to 3600, such as 2.')
}
