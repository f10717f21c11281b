// To whom: a shop, or one person of it.
import { useEffect, useState } from 'preact/hooks'
import { useApp, useWords } from '../hooks/use-app.ts'
import { useSendForm } from '../hooks/use-send-form.ts'
import { Choices } from './choices.tsx'
import { Field } from './field.tsx'
import { Select } from './select.tsx'

export function RecipientFields() {
  const { draft, change } = useSendForm()
  const words = useWords().send
  return (
    <>
      <Choices
        label={words.to}
        value={draft.target}
        options={[
          ['shop', words.toShop],
          ['person', words.toPerson],
        ]}
        onChange={(target) => change({ target })}
      />
      {draft.target === 'shop' ? <ShopFields /> : <PersonField />}
    </>
  )
}

function ShopFields() {
  const { draft, change } = useSendForm()
  const words = useWords().send
  return (
    <>
      <ShopField />
      <Choices
        label={words.roles}
        value={draft.roles}
        options={[
          ['everyone', words.everyone],
          ['manager', words.managers],
          ['staff', words.staff],
        ]}
        onChange={(roles) => change({ roles })}
      />
    </>
  )
}

/** No shop's id: ids hold no spaces (CO2). */
const OTHER = 'another shop'

/** An admin reaches every shop, also those that no list here names: those by their id. */
function ShopField() {
  const { me, directory } = useApp()
  const { draft, change, errorOf, shopIds } = useSendForm()
  const [isOther, setOther] = useState(false)
  const words = useWords().send
  const isAdmin = me.role === 'admin'
  const [first] = shopIds
  useEffect(() => {
    if (draft.shopId === '' && first !== undefined && !isOther) change({ shopId: first })
  }, [draft.shopId, first, isOther, change])
  if (first === undefined) return <ShopIdField />
  if (shopIds.length === 1 && !isAdmin && errorOf('shopId') === undefined) return null
  return (
    <>
      <Field label={words.shop} error={isOther ? undefined : errorOf('shopId')}>
        {(input) => (
          <Select
            {...input}
            value={isOther ? OTHER : draft.shopId}
            onChange={(id) => {
              setOther(id === OTHER)
              change({ shopId: id === OTHER ? '' : id })
            }}
          >
            {shopIds.map((id) => (
              <option key={id} value={id}>
                {directory.shops.value.get(id)?.name ?? id}
              </option>
            ))}
            {isAdmin && <option value={OTHER}>{words.otherShop}</option>}
          </Select>
        )}
      </Field>
      {isOther && <ShopIdField />}
    </>
  )
}

function ShopIdField() {
  const { draft, change, errorOf } = useSendForm()
  const words = useWords().send
  return (
    <Field label={words.shopId} error={errorOf('shopId')}>
      {(input) => (
        <input
          {...input}
          autocapitalize="none"
          autocomplete="off"
          spellcheck={false}
          value={draft.shopId}
          onInput={(event) => change({ shopId: event.currentTarget.value })}
        />
      )}
    </Field>
  )
}

function PersonField() {
  const { draft, change, errorOf, people } = useSendForm()
  const words = useWords().send
  return (
    <Field
      label={words.person}
      error={errorOf('personId')}
      hint={people.length === 0 ? words.nobody : undefined}
    >
      {(input) => (
        <Select {...input} value={draft.personId} onChange={(personId) => change({ personId })}>
          <option value="">{words.choosePerson}</option>
          {people.map(({ id, name, shop }) => (
            <option key={id} value={id}>
              {name}, {shop}
            </option>
          ))}
        </Select>
      )}
    </Field>
  )
}
