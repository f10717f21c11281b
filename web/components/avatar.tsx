/** A person by the first letter; the name always stands beside it. */
export const Avatar = ({ name }: { name: string }) => (
  <span class="avatar" aria-hidden="true">
    {[...name][0]?.toLocaleUpperCase()}
  </span>
)
