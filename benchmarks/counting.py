"""What one request cost, told in headers; only where benchmarks serve."""

import time

from django.db import connection


def count(get_response):
    """`X-Queries`, and `X-CPU`: microseconds of this process, without the database's own."""

    def middleware(request):
        queries = 0

        def counting(execute, sql, params, many, context):
            nonlocal queries
            queries += 1
            return execute(sql, params, many, context)

        began = time.thread_time()
        with connection.execute_wrapper(counting):
            response = get_response(request)
        response["X-Queries"] = str(queries)
        response["X-CPU"] = str(round((time.thread_time() - began) * 1_000_000))
        return response

    return middleware
