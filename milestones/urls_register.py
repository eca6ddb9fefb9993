from django.urls import path

from milestones import views_bulk, views_register, views_saved

pages = [
    path("", views_register.milestone_list, name="milestone_list"),
    path("bulk/", views_bulk.bulk_change, name="bulk_change"),
    path("views/", views_saved.saved_view_add, name="saved_view_add"),
    path("views/<int:pk>/delete/", views_saved.saved_view_delete, name="saved_view_delete"),
]
