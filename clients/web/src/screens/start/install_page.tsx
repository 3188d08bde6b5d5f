import { callIt, install, isAsked, nameId, names, type NameId, platform } from '../../shell/install_prompt.ts'
import { back, href, place } from '../../shell/router.ts'
import { linkedCode } from '../door/code_in_link.ts'
import { Install } from './install.tsx'

/** P2: at /install, and in front of the door on an iPhone. */
export function InstallPage() {
  return (
    <Install
      platform={platform.value}
      names={names.value}
      name={nameId.value}
      code={linkedCode.value}
      onName={(id) => callIt(id as NameId)}
      onInstall={() => void install()}
      onLater={() => {
        isAsked.value = true
        if (place.value.name === 'install') back(href('today'))
      }}
    />
  )
}
