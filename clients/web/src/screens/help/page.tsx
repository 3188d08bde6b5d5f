import { PEOPLE_TO_CALL, type PersonToCall } from '../../model/first_day.ts'
import { entries, kept, status } from '../../phone.ts'
import { href } from '../../shell/router.ts'
import { Help } from './help.tsx'

/** Help with what this phone knows, if the app is unlocked: the programme's lines, the own people. */
export function HelpPage() {
  if (status.value?.screen !== 'open') return <Help />
  const lines = entries('programme').flatMap(({ doc }) => doc.helplines ?? [])
  return <Help lines={lines} people={kept<PersonToCall[]>(PEOPLE_TO_CALL) ?? []} urge={href('urge')} />
}
