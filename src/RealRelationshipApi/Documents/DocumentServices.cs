using FluentValidation;

using RealRelationship.Storage.Ledger;

namespace RealRelationshipApi.Documents;

internal static class DocumentServices
{
    public static IServiceCollection AddDocuments(this IServiceCollection services) => services
        .AddSingleton<DocumentStore>()
        .AddSingleton<IntegrityCheck, DocumentIntegrityCheck>()
        .AddSingleton<IValidator<About>, AboutValidator>()
        .AddSingleton<IValidator<LiteratureSearch>, LiteratureSearchValidator>();
}
