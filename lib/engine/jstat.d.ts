/** What is used of jstat, which comes without types. */
declare module "jstat" {
  const jstat: { studentt: { inv(probability: number, freedom: number): number } };
  export default jstat;
}
