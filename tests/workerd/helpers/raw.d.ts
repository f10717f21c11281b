/** A file's text, as Vite hands it out. */
declare module '*?raw' {
  const text: string
  export default text
}
