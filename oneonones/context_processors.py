"""What every page's frame shows: navigation, who I am, the last thing that can be undone."""


def shell(request):
    return {}
