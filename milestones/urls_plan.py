"""The plan's pages: baselines in bulk, dependencies and sub-tasks."""

from django.urls import path

from milestones import views_plan_dependencies as dependencies
from milestones import views_plan_sub_tasks as sub_tasks
from milestones.views_plan_baselines import baselines

OF_MILESTONE = "<slug:reference>"
# Before anything that takes a reference: the first two words are none.
pages = [
    path("baselines/", baselines, name="baselines"),
    path("conflicts/", dependencies.dependency_conflicts, name="dependency_conflicts"),
    path(f"{OF_MILESTONE}/dependencies/add/", dependencies.dependency_add, name="dependency_add"),
    path(
        f"{OF_MILESTONE}/dependencies/<int:pk>/remove/",
        dependencies.dependency_remove,
        name="dependency_remove",
    ),
    path(f"{OF_MILESTONE}/sub-tasks/add/", sub_tasks.sub_task_add, name="sub_task_add"),
    path(f"{OF_MILESTONE}/sub-tasks/<int:pk>/", sub_tasks.sub_task_edit, name="sub_task_edit"),
    path(f"{OF_MILESTONE}/sub-tasks/<int:pk>/done/", sub_tasks.sub_task_done, name="sub_task_done"),
    path(
        f"{OF_MILESTONE}/sub-tasks/<int:pk>/remove/",
        sub_tasks.sub_task_remove,
        name="sub_task_remove",
    ),
]
