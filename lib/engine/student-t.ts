/** Student's t distribution. Layer: engine; jstat. */
import jstat from "jstat";

/** How many standard errors to either side of a mean hold the true mean at `confidence`, with `freedom` degrees of freedom. */
export function studentT(confidence: number, freedom: number): number {
  return jstat.studentt.inv((1 + confidence) / 2, freedom);
}
