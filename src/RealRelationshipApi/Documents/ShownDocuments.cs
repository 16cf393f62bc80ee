using Microsoft.AspNetCore.Http.Features;

namespace RealRelationshipApi.Documents;

/// <summary>Metadata of operations whose responses show documents, so that these are part of their ETag.</summary>
internal sealed class ShownDocumentsMetadata;

internal static class ShownDocuments
{
    /// <summary>Declares that the responses of an operation show documents.</summary>
    public static TBuilder ShowsDocuments<TBuilder>(this TBuilder builder) where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(new ShownDocumentsMetadata());

    /// <summary>Whether the responses of the operation show documents.</summary>
    public static bool ShowsDocuments(this HttpContext context) => context.GetEndpoint()?.Metadata.GetMetadata<ShownDocumentsMetadata>() is not null;

    /// <summary>Reads the documents that the response shows, if the operation declares that it shows some.</summary>
    /// <returns>Number of their last change; 0 if the response shows none.</returns>
    public static async Task<long> LoadDocumentsAsync(this HttpContext context, DocumentStore store)
    {
        if (!context.ShowsDocuments())
        {
            return 0;
        }

        var documents = await store.CurrentAsync(context.RequestAborted);
        context.Features.Set(documents);
        return documents.ChangeNumber;
    }

    /// <summary>The current document of a type, as read at the start of the request.</summary>
    public static T Document<T>(this HttpContext context, DocumentType<T> type) where T : Document =>
        context.Features.GetRequiredFeature<DocumentSet>().Get(type);
}
