package dev.daybook.run;

/** The step that is running. What is added here is written together with the step's result or not at all. For the thread of the body. */
public interface Step {
    String name();

    /** Number of this try, from 1, over all attempts of the run. */
    int attempt();

    /** A message that belongs to the step: it is in the thread when the step is recorded, and set aside with it. Its id is not kept: the step is recorded once. */
    void message(NewMessage message);

    /** The state document after this step. The last one counts. */
    void state(String json);
}
