package io.canaryjudge.demo;

/**
 * What a client saw of one request.
 *
 * @param target the instance that it went to
 * @param status HTTP status; 0 if no answer came
 * @param seconds time from when the request was due to its end
 */
record Observation(CheckoutInstance target, int status, double seconds) {

  /** Whether the user did not get what was asked for. */
  boolean failed() {
    return status == 0 || status >= 500;
  }
}
