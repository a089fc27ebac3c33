"""The one place where everything that can be read and done is put together."""

import graphene


class Query(graphene.ObjectType):
    """Everything that can be read."""

    viewer = graphene.String()


schema = graphene.Schema(query=Query)
