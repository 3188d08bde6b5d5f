import { Button, type ButtonProps } from '../../parts/button.tsx'
import { t } from '../../text/text.ts'
import { CRISIS, EMERGENCY, sms, tel } from './numbers.ts'

export function Call911(look: Pick<ButtonProps, 'wide' | 'hint'>) {
  return (
    <Button kind="stop" icon="call" href={tel(EMERGENCY)} {...look}>
      {t('help.call_911')}
    </Button>
  )
}

/** `first`: no other number stands before it. */
export function Reach988({ first }: { first?: boolean }) {
  return (
    <>
      <div class="columns">
        <Button kind={first ? 'help' : undefined} icon="call" href={tel(CRISIS)}>
          {t('help.call_988')}
        </Button>
        <Button icon="message" href={sms(CRISIS)}>
          {t('help.text_988')}
        </Button>
      </div>
      {t('help.language') && <p class="soft small">{t('help.language')}</p>}
    </>
  )
}
