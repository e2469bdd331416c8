// Some calls of the Go client of OpenAPI Generator: life URL TOKEN URL_OF_TOMORROW.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"log"
	"os"

	taskapi "task-api.dev/client"
)

func api(url string) *taskapi.TasksAPIService {
	configuration := taskapi.NewConfiguration()
	configuration.Servers = taskapi.ServerConfigurations{{URL: url}}
	return taskapi.NewAPIClient(configuration).TasksAPI
}

func check(holds bool, what string) {
	if !holds {
		log.Fatal(what)
	}
}

func must(task *taskapi.Task, _ any, err error) *taskapi.Task {
	var refused *taskapi.GenericOpenAPIError
	if errors.As(err, &refused) {
		log.Fatal(string(refused.Body()))
	}
	check(err == nil, "no answer")
	return task
}

func problem(err error) (problem taskapi.Problem) {
	var refused *taskapi.GenericOpenAPIError
	check(errors.As(err, &refused), "no answer")
	check(json.Unmarshal(refused.Body(), &problem) == nil, "no problem")
	return problem
}

func main() {
	url, tomorrow := os.Args[1], os.Args[3]
	ctx := context.WithValue(context.Background(), taskapi.ContextAccessToken, os.Args[2])
	tasks := api(url)

	creation := taskapi.NewTaskCreation("Pay rent")
	creation.SetDue("2026-12-01")
	created, _, err := tasks.CreateTask(ctx, "me").TaskCreation(*creation).Execute()
	made := must(created, nil, err)
	check(made.GetDue() == "2026-12-01" && !made.CreatedAt.IsZero(), "the task is not as created")

	patch := taskapi.NewTaskPatch()
	patch.SetDueNil()
	patched, _, err := tasks.UpdateTask(ctx, "me", made.Id).TaskPatch(*patch).Execute()
	check(must(patched, nil, err).Due.Get() == nil && patched.Title == "Pay rent", "null does not clear")

	flipped, _, err := tasks.ToggleTask(ctx, "me", made.Id).Execute()
	check(must(flipped, nil, err).Completed, "a toggle without a body does not flip")
	flipped, _, err = tasks.ToggleTask(ctx, "me", made.Id).TaskCompletion(*taskapi.NewTaskCompletion()).Execute()
	check(!must(flipped, nil, err).Completed, "a toggle with an empty body does not flip")

	page, _, err := tasks.ListTasks(ctx, "me").Status("open").Tag([]string{}).Execute()
	check(err == nil && len(page.Items) == 1 && page.Items[0].Id == made.Id, "the list is wrong")

	_, _, err = tasks.CreateTask(ctx, "me").TaskCreation(*taskapi.NewTaskCreation(" ")).Execute()
	refused := problem(err)
	check(refused.Code == "validation_failed" && refused.Errors[0].Code == "blank", "the problem is wrong")

	read, _, err := api(tomorrow).GetTask(ctx, "me", made.Id).Execute()
	check(must(read, nil, err).Title == "Pay rent", "an answer of tomorrow is not read")
	_, _, err = api(tomorrow).CreateTask(ctx, "me").TaskCreation(*taskapi.NewTaskCreation(" ")).Execute()
	check(problem(err).Errors[0].Code == "code_of_tomorrow", "a problem of tomorrow is not read")
}
