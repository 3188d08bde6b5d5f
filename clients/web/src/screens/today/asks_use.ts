/** Whether the check-in asks about use on this phone. */

import { tryTo } from '../../kept.ts'
import { kept, phone } from '../../phone.ts'

const ASK_USE = 'check-in asks use'

export function asksUse(): boolean {
  return kept<boolean>(ASK_USE) ?? true
}

export function askUse(on: boolean): void {
  tryTo(phone().keep(ASK_USE, on))
}
