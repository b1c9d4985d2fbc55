module palisade.example/bench/inventory/trivy

go 1.24
