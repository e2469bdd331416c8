// Some calls of the Java client of OpenAPI Generator: Life URL TOKEN URL_OF_TOMORROW.
package org.openapitools.client;

import org.openapitools.client.api.TasksApi;
import org.openapitools.client.model.Problem;
import org.openapitools.client.model.Task;
import org.openapitools.client.model.TaskCompletion;
import org.openapitools.client.model.TaskCreation;
import org.openapitools.client.model.TaskPatch;

public class Life {
    static TasksApi api(String url, String token) {
        ApiClient client = new ApiClient().setBasePath(url);
        client.setBearerToken(token);
        return new TasksApi(client);
    }

    static void check(boolean holds, String what) {
        if (!holds) throw new AssertionError(what);
    }

    static Problem refused(TasksApi tasks) {
        try {
            tasks.createTask("me", new TaskCreation().title(" "), null, null);
        } catch (ApiException error) {
            check(error.getCode() == 422, error.toString());
            return JSON.deserialize(error.getResponseBody(), Problem.class);
        }
        throw new AssertionError("it should fail");
    }

    public static void main(String[] arguments) throws ApiException {
        TasksApi tasks = api(arguments[0], arguments[1]);

        Task made = tasks.createTask("me", new TaskCreation().title("Pay rent").due("2026-12-01"), null, null);
        check("2026-12-01".equals(made.getDue()) && made.getCreatedAt() != null, "the task is not as created");
        Task changed = tasks.updateTask("me", made.getId(), new TaskPatch().description("Soon"), null, null, null);
        check("2026-12-01".equals(changed.getDue()), "what is not given does not stay");
        check(tasks.toggleTask("me", made.getId(), null, null, null, null).getCompleted(), "no body does not flip");
        TaskCompletion empty = new TaskCompletion();
        check(!tasks.toggleTask("me", made.getId(), null, null, null, empty).getCompleted(), "{} does not flip");
        check("blank".equals(refused(tasks).getErrors().get(0).getCode()), "the problem is wrong");

        TasksApi tomorrow = api(arguments[2], arguments[1]);
        check("Pay rent".equals(tomorrow.getTask("me", made.getId(), null, null).getTitle()), "tomorrow is not read");
        check("code_of_tomorrow".equals(refused(tomorrow).getErrors().get(0).getCode()), "its problem is not read");
        System.exit(0); // OkHttp's threads would keep it for a minute
    }
}
