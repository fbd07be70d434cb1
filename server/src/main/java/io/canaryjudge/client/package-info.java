/**
 * A client to copy: what a producer and a deploy tool need, on gRPC and the JDK alone.
 *
 * <p>In: observations of the two arms, from any thread ({@link
 * io.canaryjudge.client.SampleProducer}), or recorded samples ({@link
 * io.canaryjudge.client.RecordedSampleSender}). Out: batches on {@code Judge.StreamSamples}, each
 * counted exactly once however often the connection breaks; and verdicts, waited for or read
 * ({@link io.canaryjudge.client.JudgeClient}).
 */
@NullMarked
package io.canaryjudge.client;

import org.jspecify.annotations.NullMarked;
