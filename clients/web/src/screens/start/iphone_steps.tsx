import { Privacy } from '../../parts/notice.tsx'
import { t } from '../../text/text.ts'

/** Three pictures: Share, Add to Home Screen, the new icon. An iPhone's home-screen app shares
 *  nothing with Safari, so the code is typed there. */
export function IphoneSteps() {
  return (
    <div class="stack tight">
      <ol class="steps">
        <li>
          <p>{t('install.iphone_share')}</p>
          <svg class="picture" viewBox="0 0 240 84" aria-hidden="true">
            <path d="M20 0v58a14 14 0 0 0 14 14h172a14 14 0 0 0 14-14V0M20 34h200M52 50l-6 6 6 6M84 50l6 6-6 6M158 48h14v16h-14zM190 50h12v12h-12z" />
            <path class="here" d="M120 59V45M115 49l5-5 5 5M113 53h-3v12h20V53h-3" />
          </svg>
        </li>
        <li>
          <p>{t('install.iphone_add')}</p>
          <svg class="picture" viewBox="0 0 240 84" aria-hidden="true">
            <path d="M30 84V22a14 14 0 0 1 14-14h152a14 14 0 0 1 14 14v62M46 28h92M184 22h10v12h-10zM46 78h74M184 72h10v12h-10z" />
            <path class="here" d="M38 42h164v22H38zM48 53h86M184 48h10v10h-10zM189 50v6M186 53h6" />
          </svg>
        </li>
        <li>
          <p>{t('install.iphone_open')}</p>
          <svg class="picture" viewBox="0 0 240 84" aria-hidden="true">
            <path d="M60 84V16A12 12 0 0 1 72 4h96a12 12 0 0 1 12 12v68M76 22h20v20H76zM110 22h20v20h-20zM144 22h20v20h-20zM76 54h20v20H76z" />
            <path class="here" d="M108 52h24v24h-24zM113 70h4v-4h4v-4h4v-4h3M113 66l10-9" />
          </svg>
        </li>
      </ol>
      <Privacy icon="info">{t('install.iphone_browser')}</Privacy>
    </div>
  )
}
