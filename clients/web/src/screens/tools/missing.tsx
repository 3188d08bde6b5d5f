import { Button } from '../../parts/button.tsx'
import { PlayerFrame, Title } from '../../parts/bars.tsx'
import { back, href } from '../../shell/router.ts'
import { t } from '../../text/text.ts'

/** The phone does not have it: it was taken away, or has not come yet. */
export function Missing() {
  return (
    <PlayerFrame out={{ label: t('shell.back'), onPress: () => back(href('tools')) }}>
      <Title>{t('missing.title')}</Title>
      <p>{t('missing.why')}</p>
      <Button href={href('tools')} wide>
        {t('missing.all')}
      </Button>
    </PlayerFrame>
  )
}
