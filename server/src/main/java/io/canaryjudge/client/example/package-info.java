/** Programs to begin with: copy one and change it. In: arguments. Out: an exit code. */
@NullMarked
package io.canaryjudge.client.example;

import org.jspecify.annotations.NullMarked;
