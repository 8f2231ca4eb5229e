import { AlertStreamsError } from '../contract/errors.ts'
import { testid } from '../contract/testid.ts'

/** A test run is a group of its own, and takes nothing away from another. */
export const groupTestid = testid(
  'for a test run, set by `--testid`: the consumer group is the one whose name ends in -TESTID'
)

/**
 * The consumer group: as given, or the user's name and ours. Throws `CONFIG_INVALID` where there is neither, or where the
 * broker would refuse it: all groups there begin with `prefix`.
 */
export function groupIdOf(given: string | undefined, user: string | undefined, prefix = ''): string {
  const groupId = given ?? (user === undefined ? undefined : `${user}-alertstreams`)
  if (groupId === undefined)
    throw new AlertStreamsError('CONFIG_INVALID', 'there is neither GROUP_ID nor a user name', {
      remedy: 'Set GROUP_ID to a name of your own: with a shared one, strangers would get a part of your alerts.'
    })
  if (groupId.startsWith(prefix)) return groupId
  throw new AlertStreamsError('CONFIG_INVALID', `GROUP_ID ${groupId} would be refused by the broker`, {
    remedy: `Let it begin with ${prefix}, as in ${prefix}${/\w$/.test(prefix) ? '-' : ''}${groupId}.`
  })
}
