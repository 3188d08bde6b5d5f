import { useEffect, useState } from 'preact/hooks'
import { Switch } from '../../parts/answers.tsx'
import { Card } from '../../parts/card.tsx'
import { Facts } from '../../parts/figures.tsx'
import { Privacy } from '../../parts/notice.tsx'
import { phone } from '../../phone.ts'
import { savesData, saveData } from '../../shell/save_data.ts'
import { size } from '../../text/size.ts'
import { t } from '../../text/text.ts'
import { Under } from './under.tsx'

export interface DataProps {
  /** Bytes that this app uses here, and whether the browser has promised to keep them. Null: the
   *  browser does not say. */
  used: number | null
  keeps: boolean | null
  saves: boolean
  onSave: (on: boolean) => void
}

export function Data({ used, keeps, saves, onSave }: DataProps) {
  const facts = [
    used === null ? null : ([t('data.used'), size(used)] as const),
    keeps === null ? null : ([t('data.promise'), t(keeps ? 'data.keeps' : 'data.may_delete')] as const),
  ]
  return (
    <Under title={t('me.data')}>
      <Facts facts={facts.filter((fact) => fact !== null)} />
      <Card kind="flush">
        <Switch title={t('data.save')} hint={t(saves ? 'data.save_on' : 'data.save_off')} on={saves} onChange={onSave} />
      </Card>
      <p>{t('data.what')}</p>
      <p>{t('data.pictures')}</p>
      <Privacy>{t('data.sealed')}</Privacy>
    </Under>
  )
}

export function DataPage() {
  const [used, setUsed] = useState<number | null>(null)
  const [keeps, setKeeps] = useState<boolean | null>(null)
  const [saves, setSaves] = useState(savesData)
  useEffect(() => {
    void navigator.storage?.estimate?.().then(({ usage }) => setUsed(usage ?? null), () => {})
    void navigator.storage?.persisted?.().then(setKeeps, () => {})
  }, [])

  function save(on: boolean) {
    saveData(on)
    setSaves(on)
    phone().savesData = on
    if (on) phone().live.background()
    else phone().foreground()
  }

  return <Data used={used} keeps={keeps} saves={saves} onSave={save} />
}
