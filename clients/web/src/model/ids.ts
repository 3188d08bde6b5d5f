/** Ids that a phone computes, by the recipes of /api/documents. Two phones of one person then write
 *  one row. */

import { v5 } from 'uuid'

/** The id in a scope's name: `care:0198…` → `0198…`. */
export function idOf(scope: string): string {
  return scope.slice(scope.indexOf(':') + 1)
}

/** `date`: YYYY-MM-DD where the person is. */
export function checkInId(record: string, date: string, slot: string): string {
  return v5(`${date}/${slot}`, record)
}

/** The member card of a person in a group or pair. */
export function cardId(user: string, scope: string): string {
  return v5(user, idOf(scope))
}

export function readMarkerId(scope: string, person: string): string {
  return v5(scope, person)
}
