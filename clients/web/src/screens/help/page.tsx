import { dutyAt } from '../../model/duty.ts'
import { entries, isOffline, now, status } from '../../phone.ts'
import { useNow } from '../../parts/now.ts'
import { href } from '../../shell/router.ts'
import { peopleToCall, programme } from '../today/here.ts'
import { Help } from './help.tsx'

/** Help with what this phone knows, if the app is unlocked: the programme's lines and hours, and the
 *  people whom the person would call. */
export function HelpPage() {
  return status.value?.screen === 'open' ? <OwnHelp /> : <Help />
}

function OwnHelp() {
  const at = useNow(now)
  const own = programme()?.doc
  return (
    <Help
      lines={entries('programme').flatMap(({ doc }) => doc.helplines ?? [])}
      people={peopleToCall()}
      duty={own ? dutyAt(at, own.staffed_hours, own.time_zone) : null}
      offline={isOffline()}
      urge={href('urge')}
    />
  )
}
